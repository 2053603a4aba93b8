# Users, with a group, and one that joins it by itself; and what they may enter.

variable "gigabytes" {
  default = 10
}

variable "access" {
  default = "on ~app::* -@all +@read +@hash -hset"
}

variable "password" {
  default = "correct-horse-battery-1"
}

resource "aws_elasticache_user" "nobody" {
  user_id       = "nobody"
  user_name     = "default"
  engine        = "redis"
  access_string = "off -@all"
  passwords     = ["never-to-be-said-aloud"]
}

resource "aws_elasticache_user" "app" {
  user_id       = "app"
  user_name     = "App"
  engine        = "redis"
  access_string = var.access
  tags          = { team = "shop" }

  authentication_mode {
    type      = "password"
    passwords = [var.password]
  }
}

resource "aws_elasticache_user" "guest" {
  user_id              = "guest"
  user_name            = "guest"
  engine               = "redis"
  access_string        = "on ~* +@read +ping"
  no_password_required = true
}

resource "aws_elasticache_user" "role" {
  user_id       = "role"
  user_name     = "role"
  engine        = "valkey"
  access_string = "on ~* +@all"

  authentication_mode {
    type = "iam"
  }
}

resource "aws_elasticache_user_group" "shop" {
  user_group_id = "shop"
  engine        = "redis"
  user_ids      = [aws_elasticache_user.nobody.user_id, aws_elasticache_user.app.user_id]

  lifecycle {
    ignore_changes = [user_ids]
  }
}

resource "aws_elasticache_user_group_association" "guest" {
  user_group_id = aws_elasticache_user_group.shop.user_group_id
  user_id       = aws_elasticache_user.guest.user_id
}

resource "aws_elasticache_replication_group" "guarded" {
  replication_group_id       = "guarded"
  description                = "for users alone"
  engine                     = "redis"
  node_type                  = "cache.t3.micro"
  num_cache_clusters         = 1
  transit_encryption_enabled = true
  user_group_ids             = [aws_elasticache_user_group_association.guest.user_group_id]
  apply_immediately          = true
}

resource "aws_elasticache_serverless_cache" "carts" {
  name                 = "carts"
  description          = "what is in nobody's hands"
  engine               = "redis"
  major_engine_version = "7"
  user_group_id        = aws_elasticache_user_group_association.guest.user_group_id
  tags                 = { team = "shop" }

  cache_usage_limits {
    data_storage {
      maximum = var.gigabytes
      unit    = "GB"
    }
  }
}
