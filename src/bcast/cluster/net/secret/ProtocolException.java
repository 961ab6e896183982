package bcast.cluster.net.secret;

/** A peer sent bytes that are no protocol of ours. Its link is closed. */
public final class ProtocolException extends Exception {

    private static final long serialVersionUID = 1;

    /**
     * A fault of the other side.
     *
     * @param what what was wrong
     */
    public ProtocolException(String what) {
        super(what, null, false, false);
    }
}
