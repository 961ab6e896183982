package bcast.http.posting;

import bcast.core.Core;
import bcast.core.Outcome;
import bcast.data.Data;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What a client is told of one record it posted.
 *
 * @param status the HTTP status when it is posted alone
 * @param code the reason for programs; {@code ok} if it was accepted
 * @param msg the reason for people
 */
record Reply(int status, String code, String msg) {

    static final Reply OK = new Reply(200, "ok", "ok");

    private static final Reply EXISTS = new Reply(200, "exists", "Data exists");

    static Reply of(HttpError error) {
        return new Reply(error.status(), error.code(), error.getMessage());
    }

    /** What a client is told of a record's delivery. */
    static Reply of(Outcome outcome) {
        if (outcome instanceof Outcome.Refused refused) {
            return switch (refused.why()) {
                case CONFLICT -> new Reply(409, "conflict", refused.text());
                case INVALID, UNTRUSTED -> new Reply(422, "invalid", refused.text());
                default -> new Reply(503, "busy", refused.text());
            };
        }
        return outcome instanceof Outcome.Exists ? EXISTS : OK;
    }

    /** Waits until records that are held are as safe as the node promises; why they are not. */
    static Optional<String> settle(Core core, List<Data> held) throws IOException {
        try {
            return core.settle(held);
        } catch (InterruptedException e) {
            throw new IOException("ended while it waited for the disk or a peer", e);
        }
    }

    /**
     * What may be said once all that was accepted so far is as safe as the node promises; who posts
     * again what is held is promised the same.
     *
     * @param unsafe why it is not as safe, in words
     */
    Reply settled(Optional<String> unsafe) {
        return failed() || unsafe.isEmpty() ? this : new Reply(503, "busy",
                "Accepted and on its way to all nodes, but not safe yet: " + unsafe.get());
    }

    boolean accepted() {
        return this == OK;
    }

    /** Whether the record is not held, neither by this post nor by one before. */
    boolean failed() {
        return status != 200;
    }

    /** The answer to a post of one record. */
    String json() {
        return accepted() ? "{\"result\":true,\"msg\":\"ok\"}" : HttpError.json(code, msg);
    }
}
