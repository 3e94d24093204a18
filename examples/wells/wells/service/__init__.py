"""The service: a router that any FastAPI application includes, and an application that has nothing else."""

from .app import create_app
from .router import router

__all__ = ["create_app", "router"]
