package bcast.cluster.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Brings the bytes of one link over its socket, without blocking. Owned by the link. */
interface Transport {

    /**
     * Reads what fits, from the socket at most once.
     *
     * @return whether anything came from the socket, be it nothing for the link yet; empty at its
     *     end
     * @throws ProtocolException if the other side is not to be believed
     */
    Optional<Boolean> read(ByteBuffer to) throws IOException, ProtocolException;

    /** Whether there is more to read that came from the socket already. */
    boolean more();

    /**
     * Writes what the socket takes.
     *
     * @return whether it took everything, so that it may take more
     */
    boolean write(ByteBuffer from) throws IOException;

    /** Whether something that was given to {@link #write} waits for the socket. */
    boolean waiting();

    /** Whether the other side has shown that it may be believed. */
    boolean authenticated();

    /** What it has shown to know, if anything. */
    Optional<Secret> secret();
}
