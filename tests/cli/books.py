"""Documents that several tests use."""

SUCCEEDS = """
    # Two files

    **Risk Level**: Low

    ## Steps
    1. First file
       ```sh
       echo one > first
       ```
       Rollback:
       ```sh
       rm first
       ```
    2. Second file
       ```sh
       echo two > second
       ```
       Rollback:
       ```sh
       rm second
       ```
"""

ROLLS_BACK = """
    # It fails late

    ## Steps
    1. Make a file
       ```sh
       echo made > made
       ```
       Rollback:
       ```sh
       rm made; echo undone > undone
       ```
    2. Look for what is not there
       ```sh {pure}
       echo looking; echo 'no such thing' >&2; exit 3
       ```
"""

PARTLY_ROLLS_BACK = """
    # The undo fails

    ## Steps
    1. Make a file
       ```sh
       echo made > made
       ```
       Rollback:
       ```sh
       echo cannot >&2; exit 4
       ```
    2. Look for what is not there
       ```sh {pure}
       exit 3
       ```
"""

MANUAL = """
    # With a person

    ## Steps
    1. Make a file
       ```sh
       echo made > made
       ```
       Rollback:
       ```sh
       rm made; echo undone > undone
       ```
    2. Tell the channel
    3. Make another file
       ```sh
       echo told > told
       ```
       Rollback:
       ```sh
       rm told
       ```
"""


def waits(mark, undo="echo undone > undone"):
    """A step that runs until it is stopped, in a process tree that carries the mark."""
    return f"""
    # A long step

    ## Steps
    1. Make a file
       ```sh
       echo made > made
       ```
       Rollback:
       ```sh
       {undo}
       ```
    2. Wait for ever
       ```sh {{pure}}
       echo waiting > waiting
       sleep 1000{mark} &
       sleep 1000{mark}
       ```
"""
