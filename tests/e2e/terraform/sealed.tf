# With a key of a KMS.

variable "key" {
  type = string
}

resource "aws_elasticache_replication_group" "sealed" {
  for_each                   = toset(["redis", "valkey"])
  replication_group_id       = "sealed-${each.key}"
  description                = "sealed"
  engine                     = each.key
  node_type                  = "cache.t3.micro"
  num_cache_clusters         = 1
  at_rest_encryption_enabled = true
  kms_key_id                 = var.key
}
