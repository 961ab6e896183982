package bcast.http;

/** Where the memory of a request is counted. */
interface Memory {

    /** Takes memory, or refuses the request. */
    void take(long bytes) throws HttpError;

    /** Gives back some of what was taken. */
    void giveBack(long bytes);
}
