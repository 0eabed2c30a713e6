"""The application with the scripted assistant."""

from app.main import create_app
from tests.scripted import make_scripted

app = create_app(make_answering=make_scripted)
