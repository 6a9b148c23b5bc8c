"""The bus: streams, events, offsets, sockets. Knows no article, comment or template.

outbox.publish      inside the transaction that made the facts true
outbox.at_position  where a list stands; read it with, or before, the list's rows
registry.register   who may listen to "<family>.<key>", and what is folded from its events
hub                 one a process: reads each stream once and hands its events to all who listen
"""
