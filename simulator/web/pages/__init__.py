"""The pages: what happened to a letter and why, for those who read XML rather than Python.

Made on the server, whole without a script; nothing is fetched from anywhere but the network itself.
"""
