"""Queues: one small port, RabbitMQ through aio-pika, and the embedded twin. What a message means is not known here."""
