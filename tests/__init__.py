"""Tests of the whole product; what belongs to one role, plugin or component is tested beside it."""
