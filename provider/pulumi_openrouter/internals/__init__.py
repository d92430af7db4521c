"""What neither CPython nor Pulumi promises to keep: look here first after an upgrade of either.

Each module fails soft: where things are not as expected, it changes nothing.
"""
