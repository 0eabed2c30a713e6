"""The assistant: it answers a person's message with the help of tools on their tasks.

Used as a library (`make_assistant`) and as a service of its own (`agent.main:app`). The providers' SDKs are loaded only
when they are used.
"""
