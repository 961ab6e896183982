package bcast.http;

import java.util.List;

/**
 * What one path answers.
 *
 * @param handler answers
 * @param writes whether it changes what the node holds, so that a page of another origin may not
 *     use it, and a client needs a token if the node asks for tokens
 * @param methods the methods answered, in the order of the {@code Allow} header
 */
record Route(Handler handler, boolean writes, List<String> methods) {

    /** A path that changes nothing; by GET and HEAD. */
    static Route reading(Handler handler) {
        return new Route(handler, false, List.of("GET", "HEAD"));
    }

    /** A path that changes nothing, and also answers clients that POST to read. */
    static Route readingByPost(Handler handler) {
        return new Route(handler, false, List.of("GET", "HEAD", "POST"));
    }

    /** A path that changes what the node holds; by POST alone. */
    static Route writing(Handler handler) {
        return new Route(handler, true, List.of("POST"));
    }

    /** The methods as the {@code Allow} header lists them (RFC 9110, section 10.2.1). */
    String allow() {
        return String.join(", ", methods);
    }
}
