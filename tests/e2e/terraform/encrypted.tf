# One node, and two replicas that are resources of their own.

variable "mode" {
  default = "preferred"
}

variable "token" {
  default = null
}

resource "aws_elasticache_replication_group" "vault" {
  replication_group_id       = "vault"
  description                = "what nobody else shall read"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = "cache.t3.micro"
  num_cache_clusters         = 1
  transit_encryption_enabled = true
  transit_encryption_mode    = var.mode
  auth_token                 = var.token
  auth_token_update_strategy = var.token == null ? null : "SET"
  apply_immediately          = true

  lifecycle {
    ignore_changes = [num_cache_clusters]
  }
}

resource "aws_elasticache_cluster" "readers" {
  count                = 2
  cluster_id           = "vault-reader-${count.index}"
  replication_group_id = aws_elasticache_replication_group.vault.id
}
