"""Whether anything here speaks to other machines: sockets to anything but this one are refused and written down."""
