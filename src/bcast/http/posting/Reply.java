package bcast.http.posting;

import bcast.core.Outcome;
import bcast.http.server.HttpError;

/**
 * The reply to one posted record.
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

    /** The reply to a delivered record. */
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

    /** The reply to a record that is stored, but not yet as safely as the node promises. */
    static Reply unsafe(String why) {
        return new Reply(503, "busy", "Accepted and on its way to all nodes, but not safe yet: "
                + why);
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
