package bcast.http.server;

import java.util.List;

/**
 * The requests that one path answers.
 *
 * @param writes whether it changes what the node holds: then no page of another origin may use it,
 *     and a client needs a token if the node requires tokens
 * @param methods the methods answered, in the order of the {@code Allow} header
 */
public record Route(Handler handler, boolean writes, List<String> methods) {

    public static Route reading(Handler handler) {
        return new Route(handler, false, List.of("GET", "HEAD"));
    }

    /** A path that changes nothing, and also answers clients that POST to read. */
    public static Route readingByPost(Handler handler) {
        return new Route(handler, false, List.of("GET", "HEAD", "POST"));
    }

    public static Route writing(Handler handler) {
        return new Route(handler, true, List.of("POST"));
    }

    /** The methods as the {@code Allow} header lists them (RFC 9110, section 10.2.1). */
    String allow() {
        return String.join(", ", methods);
    }
}
