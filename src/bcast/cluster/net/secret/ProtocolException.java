package bcast.cluster.net.secret;

/** A peer sent bytes that are no protocol of ours. Its link is closed. */
public final class ProtocolException extends Exception {

    private static final long serialVersionUID = 1;

    public ProtocolException(String what) {
        super(what, null, false, false);
    }
}
