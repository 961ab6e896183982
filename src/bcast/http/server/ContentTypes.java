package bcast.http.server;

/** Media types of bodies and answers. */
public final class ContentTypes {

    /** One JSON text (RFC 8259). */
    public static final String JSON = "application/json";

    /** One JSON text a line. */
    public static final String NDJSON = "application/x-ndjson";

    private ContentTypes() {}
}
