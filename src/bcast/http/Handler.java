package bcast.http;

import java.io.IOException;

/** Answers the requests of one path and method. Called by many request threads at once. */
interface Handler {

    /**
     * Answers a request.
     *
     * @param call the request; answer it once
     * @throws IOException if the client is gone
     * @throws HttpError to answer with an error
     */
    void handle(Call call) throws IOException, HttpError;
}
