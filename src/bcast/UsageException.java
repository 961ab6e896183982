package bcast;

import bcast.base.StartException;

/** The command line is wrong. The message is one line for the user, which names the flag. */
public final class UsageException extends StartException {

    private static final long serialVersionUID = 1;

    /** A fault of the command line. */
    public UsageException(String message) {
        super(message);
    }
}
