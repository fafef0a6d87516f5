"""Looking at stored bytes: nothing is unpickled."""
