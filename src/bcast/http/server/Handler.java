package bcast.http.server;

import java.io.IOException;

/** Answers the requests of one path. Called by many request threads at once. */
@FunctionalInterface
public interface Handler {

    /**
     * Answers a request.
     *
     * @param call the request; answer it once
     * @throws IOException if the client is gone
     * @throws HttpError to answer with an error
     */
    void handle(Call call) throws IOException, HttpError;
}
