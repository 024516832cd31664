"""Rows: tables, statuses, and every statement that is ever sent to PostgreSQL."""
