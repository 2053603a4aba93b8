# Saved once a day, made of a snapshot, and with a last one in the end. Shards are saved together.

variable "window" {
  type = string
}

variable "days" {
  default = 0
}

variable "origin" {
  default = null
}

resource "aws_elasticache_cluster" "notes" {
  cluster_id                = "notes"
  engine                    = "redis"
  node_type                 = "cache.t3.micro"
  num_cache_nodes           = 1
  snapshot_retention_limit  = 5
  snapshot_window           = var.window
  final_snapshot_identifier = "notes-last"
}

resource "aws_elasticache_replication_group" "letters" {
  replication_group_id      = "letters"
  description               = "what is saved from the second apply on"
  engine                    = "valkey"
  node_type                 = "cache.t3.micro"
  num_cache_clusters        = 2
  snapshot_retention_limit  = var.days
  snapshot_window           = var.window
  final_snapshot_identifier = "letters-last"
  apply_immediately         = true
}

resource "aws_elasticache_replication_group" "books" {
  replication_group_id       = "books"
  description                = "of two shards"
  engine                     = "redis"
  node_type                  = "cache.t3.micro"
  parameter_group_name       = "default.redis7.cluster.on"
  num_node_groups            = 2
  replicas_per_node_group    = 0
  automatic_failover_enabled = true
  snapshot_retention_limit   = 2
  snapshot_window            = var.window
}

resource "aws_elasticache_cluster" "again" {
  count           = var.origin == null ? 0 : 1
  cluster_id      = "again"
  engine          = "redis"
  node_type       = "cache.t3.micro"
  num_cache_nodes = 1
  snapshot_name   = var.origin
}
