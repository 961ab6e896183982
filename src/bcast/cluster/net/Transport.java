package bcast.cluster.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Carries the bytes of one link over its socket; no method blocks. Owned by the link. */
interface Transport {

    /**
     * Reads as much as fits, from the socket at most once.
     *
     * @return whether bytes came from the socket, even if none of them are for the link yet; empty
     *     at its end
     * @throws ProtocolException if the other side has no accepted secret, or changed a message
     */
    Optional<Boolean> read(ByteBuffer to) throws IOException, ProtocolException;

    /** Whether there is more to read that already came from the socket. */
    boolean more();

    /**
     * Writes as much as the socket takes.
     *
     * @return whether it took everything, so that it may take more
     */
    boolean write(ByteBuffer from) throws IOException;

    /** Whether bytes that were given to {@link #write} still wait for the socket. */
    boolean waiting();

    /** Whether the other side has proved that it has the secret, if there is one. */
    boolean authenticated();

    /** The secret that both sides have, if there is one. */
    Optional<Secret> secret();
}
