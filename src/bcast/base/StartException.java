package bcast.base;

/** A node cannot start. The message is one line for the user: what failed, where, what to do. */
public class StartException extends Exception {

    private static final long serialVersionUID = 1;

    /**
     * A reason not to start.
     *
     * @param message one line for the user
     */
    public StartException(String message) {
        super(message);
    }
}
