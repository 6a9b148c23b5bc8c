"""The live layer: streams, events, offsets, sockets. Knows no article, comment or template.

outbox.publish      call it inside the transaction that made the facts true
outbox.at_position  a list's position; read it with, or before, the list's rows
registry.register   says who may read "<family>.<key>", and how its events are folded
layer               what processes tell each other goes over it, by Redis
hub                 one a process: reads each stream once and hands its events to all listeners
"""
