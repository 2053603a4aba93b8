# Groups of subnets and of parameters, clusters and replication groups, and how they change.

variable "team" {
  default = "shop"
}

variable "basket_type" {
  default = "cache.t3.micro"
}

variable "pages" {
  default = 3
}

variable "shards" {
  default = 2
}

variable "idle" {
  default = "300"
}

variable "reserved" {
  default = "reserved-memory"
}

variable "records" {
  default = "json"
}

variable "subnets" {
  type    = set(string)
  default = ["subnet-0a1b2c3d", "subnet-1b2c3d4e"]
}

resource "aws_elasticache_subnet_group" "shop" {
  name       = "Shop"
  subnet_ids = var.subnets
  tags       = { team = var.team }
}

resource "aws_elasticache_parameter_group" "sessions" {
  name        = "sessions"
  family      = "redis7"
  description = "of sessions, which end by themselves"
  tags        = { team = var.team }

  parameter {
    name  = "timeout"
    value = var.idle
  }

  parameter {
    name  = "notify-keyspace-events"
    value = "Ex"
  }

  parameter {
    name  = var.reserved
    value = "30"
  }
}

resource "aws_elasticache_cluster" "sessions" {
  cluster_id      = "sessions"
  engine          = "redis"
  node_type       = "cache.t3.micro"
  num_cache_nodes = 1
  port            = 7001
  tags            = { team = var.team }

  parameter_group_name   = aws_elasticache_parameter_group.sessions.name
  notification_topic_arn = local.topic

  log_delivery_configuration {
    destination      = "sessions"
    destination_type = "cloudwatch-logs"
    log_format       = "text"
    log_type         = "engine-log"
  }
}

resource "aws_elasticache_cluster" "pages" {
  cluster_id      = "pages"
  engine          = "memcached"
  node_type       = "cache.t3.micro"
  num_cache_nodes = var.pages
  az_mode         = "cross-az"

  apply_immediately = true
}

resource "aws_elasticache_replication_group" "basket" {
  replication_group_id       = "basket"
  description                = "what people are about to buy"
  engine                     = "valkey"
  engine_version             = "8.1"
  node_type                  = var.basket_type
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  apply_immediately          = true
  subnet_group_name          = aws_elasticache_subnet_group.shop.name
  notification_topic_arn     = local.topic
  tags                       = { team = var.team }

  log_delivery_configuration {
    destination      = "basket"
    destination_type = "cloudwatch-logs"
    log_format       = var.records
    log_type         = "slow-log"
  }
}

resource "aws_elasticache_replication_group" "orders" {
  replication_group_id       = "orders"
  description                = "what people have bought"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = "cache.t3.micro"
  parameter_group_name       = "default.redis7.cluster.on"
  num_node_groups            = var.shards
  replicas_per_node_group    = 1
  automatic_failover_enabled = true
  apply_immediately          = true
}
