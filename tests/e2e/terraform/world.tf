# A group of one region, and another one that copies it in the other region.

resource "aws_elasticache_parameter_group" "home" {
  name   = "home"
  family = "redis7"

  parameter {
    name  = "timeout"
    value = "300"
  }
}

resource "aws_elasticache_replication_group" "home" {
  replication_group_id = "home"
  description          = "takes writes"
  engine               = "redis"
  node_type            = "cache.m7g.large"
  num_cache_clusters   = 1
  parameter_group_name = aws_elasticache_parameter_group.home.name

  lifecycle {
    ignore_changes = [parameter_group_name] # it gets a copy of it when it joins
  }
}

resource "aws_elasticache_global_replication_group" "world" {
  global_replication_group_id_suffix = "world"
  primary_replication_group_id       = aws_elasticache_replication_group.home.id
}

resource "aws_elasticache_replication_group" "away" {
  provider                    = aws.away
  replication_group_id        = "away"
  description                 = "copies them"
  global_replication_group_id = aws_elasticache_global_replication_group.world.global_replication_group_id
  num_cache_clusters          = 1
}
