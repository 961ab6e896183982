package bcast.http.server;

import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Refuses writes that bear none of the node's tokens (RFC 6750). Safe for use by any thread. */
final class TokenCheck {

    private static final String SCHEME = "bearer ";

    private final Supplier<Optional<Predicate<String>>> tokens;

    /** Requires a token that the supplied test accepts, or none while it supplies no test. */
    TokenCheck(Supplier<Optional<Predicate<String>>> tokens) {
        this.tokens = tokens;
    }

    /** Refuses a write without a token, if writes need one. */
    void check(Call call) throws HttpError {
        Optional<Predicate<String>> valid = tokens.get();
        if (valid.isEmpty()) {
            return;
        }
        Optional<String> given = call.header("Authorization");
        boolean bearer = given.isPresent() && given.get().regionMatches(true, 0, SCHEME, 0,
                SCHEME.length());
        if (!bearer) {
            call.setHeader("WWW-Authenticate", "Bearer");
            throw new HttpError(401, "token", "Posts need a token: Authorization: Bearer TOKEN");
        }
        if (!valid.get().test(given.get().substring(SCHEME.length()).strip())) {
            call.setHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"");
            throw new HttpError(401, "token", "This node does not accept the token");
        }
    }
}
