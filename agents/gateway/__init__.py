"""Addresses that stay while what is behind them moves."""
