"""What the API may ask of the agent, see `controlplane/model/questions.py`: dry runs of parameters, and usage."""
