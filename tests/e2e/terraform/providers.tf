# What leads Terraform to the control plane: one account in two regions.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "account" {
  type = string
}

variable "url" {
  type = string
}

locals {
  topic = "arn:aws:sns:us-east-1:${var.account}:alerts"
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = var.account
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  endpoints {
    elasticache = var.url
  }
}

provider "aws" {
  alias                       = "away"
  region                      = "eu-west-1"
  access_key                  = var.account
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  endpoints {
    elasticache = var.url
  }
}
