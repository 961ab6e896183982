package bcast.cluster.net.secret;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/** Carries the bytes of one link over its socket; no method blocks. Owned by the link. */
public interface Transport {

    /** The type of the frames of a handshake. */
    byte HANDSHAKE = 32;

    /**
     * Encrypts a link, unless the cluster has no secret.
     *
     * @param channel connected and not blocking
     * @param secrets those accepted, the first to be used; none for an open cluster
     * @param refusal the frame that is sent to a node that dialled and does not encrypt
     */
    static Transport of(SocketChannel channel, boolean dialled, List<Secret> secrets,
            SecureRandom random, ByteBuffer refusal) {
        return secrets.isEmpty() ? new OpenTransport(channel)
                : new SecretTransport(channel, dialled, secrets, random, refusal);
    }

    /**
     * Reads as much as fits, from the socket at most once. Returns whether bytes came from the
     * socket, even if none of them are for the link yet.
     *
     * @throws IOException if the socket fails, or the other side has closed it
     * @throws ProtocolException if the other side has no accepted secret, or changed a message
     */
    boolean read(ByteBuffer to) throws IOException, ProtocolException;

    /** Whether there is more to read that already came from the socket. */
    default boolean more() {
        return false;
    }

    /** Writes what the socket takes. Returns whether it took everything, and may take more. */
    boolean write(ByteBuffer from) throws IOException;

    /** Whether bytes that were given to {@link #write} still wait for the socket. */
    default boolean waiting() {
        return false;
    }

    /** Whether the other side has proved that it has the secret, if there is one. */
    default boolean authenticated() {
        return true;
    }

    /** The secret that both sides have, if there is one. */
    default Optional<Secret> secret() {
        return Optional.empty();
    }
}
