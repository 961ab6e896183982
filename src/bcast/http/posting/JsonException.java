package bcast.http.posting;

/** A body that is not the JSON it should be. */
final class JsonException extends Exception {

    private static final long serialVersionUID = 1;

    /** Where the fault is: bytes from the start of the body. */
    final int offset;

    JsonException(int offset, String what) {
        // No stack trace: it is an answer to a client, and clients can cause many.
        super(what + " at byte " + offset, null, false, false);
        this.offset = offset;
    }
}
