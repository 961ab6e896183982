package bcast;

/** The node cannot start; the message is one line for the user. */
final class StartException extends Exception {

    private static final long serialVersionUID = 1;

    /** Exit code of the process. */
    final int exitCode;

    StartException(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }
}
