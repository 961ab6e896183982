package bcast.http.server;

import java.io.IOException;

/** Answers the requests of one path. Called by many request threads at once. */
@FunctionalInterface
public interface Handler {

    /** Answers a request, once; throws {@link IOException} if the client is gone. */
    void handle(Call call) throws IOException, HttpError;
}
