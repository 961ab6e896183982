package bcast.cluster.net.discovery;

import bcast.base.Clock;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Fields;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.net.secret.ProtocolException;
import bcast.cluster.net.secret.Secret;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/**
 * Writes and reads announcements as datagrams: {@code u32 magic | u8 version | i64 time, if signed
 * | text cluster | node | address | 32 bytes of signature, if signed}.
 */
final class AnnouncementCodec {

    static final int MAX_DATAGRAM_BYTES = 1_024;

    private static final int MAGIC = 0x62637374;
    private static final byte OPEN = 1;
    /** With a time before the content and a signature after it. */
    private static final byte SIGNED = 2;
    private static final int SIGNATURE_BYTES = 32;

    private final Clock clock;
    private final long maxSkewMs;

    AnnouncementCodec(Clock clock, long maxSkewMs) {
        this.clock = clock;
        this.maxSkewMs = maxSkewMs;
    }

    /**
     * An announcement that was heard.
     *
     * @param address where the node listens; an empty host stands for the datagram's source
     * @param authenticated whether its signature and time are right
     */
    record Announcement(String cluster, NodeId node, Address address, boolean authenticated) {}

    /** Writes an announcement. A secret signs it with the time, against forgery and replay. */
    ByteBuffer encode(String cluster, NodeId node, Address address, Optional<Secret> secret) {
        ByteBuffer datagram = ByteBuffer.allocate(MAX_DATAGRAM_BYTES);
        datagram.putInt(MAGIC).put(secret.isPresent() ? SIGNED : OPEN);
        if (secret.isPresent()) {
            datagram.putLong(clock.wallMs());
        }
        Fields.text(datagram, cluster);
        Fields.node(datagram, node);
        Fields.address(datagram, address);
        secret.ifPresent(each -> datagram.put(each.sign(datagram.duplicate().flip())));
        return datagram.flip();
    }

    /**
     * Reads a datagram. It counts as authenticated if one of the secrets signed it, and without
     * secrets if it is not signed.
     */
    Announcement decode(ByteBuffer datagram, List<Secret> secrets) throws ProtocolException {
        try {
            if (datagram.getInt() != MAGIC) {
                throw new ProtocolException("not an announcement");
            }
            boolean authenticated = authenticated(datagram, datagram.get(), secrets);
            return new Announcement(Fields.text(datagram), Fields.node(datagram),
                    Fields.address(datagram), authenticated);
        } catch (BufferUnderflowException e) {
            throw new ProtocolException("a truncated announcement");
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("an announcement with a broken field: " + e.getMessage());
        }
    }

    /** Reads up to the content. Returns whether the signature and the time are right. */
    private boolean authenticated(ByteBuffer datagram, byte version, List<Secret> secrets)
            throws ProtocolException {
        if (version != OPEN && version != SIGNED) {
            throw new ProtocolException("an announcement of unknown version");
        }
        if (version == OPEN) {
            return secrets.isEmpty();
        }
        long offMs = Math.abs(datagram.getLong() - clock.wallMs());
        int signedBytes = datagram.limit() - SIGNATURE_BYTES;
        if (signedBytes < datagram.position() || offMs < 0 || offMs > maxSkewMs) {
            return false;
        }
        byte[] signature = new byte[SIGNATURE_BYTES];
        datagram.get(signedBytes, signature);
        return secrets.stream().anyMatch(secret -> MessageDigest.isEqual(signature,
                secret.sign(datagram.duplicate().position(0).limit(signedBytes))));
    }
}
