"""Texts and numbers that strangers have written, whoever reads or prints them. All other packages may use this one."""
