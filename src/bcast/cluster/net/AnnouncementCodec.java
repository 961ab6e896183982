package bcast.cluster.net;

import bcast.base.Clock;
import bcast.cluster.gossip.Address;
import bcast.cluster.gossip.Fields;
import bcast.cluster.gossip.NodeId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/** The form of announcements in datagrams. */
final class AnnouncementCodec {

    static final int MAX_DATAGRAM_BYTES = 1_024;

    private static final int MAGIC = 0x62637374;
    private static final byte OPEN = 1;
    /** Followed by the time, and by a signature after the rest. */
    private static final byte SIGNED = 2;
    private static final int SIGNATURE_BYTES = 32;

    private final Clock clock;
    private final long maxSkewMs;

    AnnouncementCodec(Clock clock, long maxSkewMs) {
        this.clock = clock;
        this.maxSkewMs = maxSkewMs;
    }

    /** The secret signs it, so that it cannot be made or repeated later by others. */
    ByteBuffer encode(Multicast.Announcement announcement, Optional<Secret> secret) {
        ByteBuffer datagram = ByteBuffer.allocate(MAX_DATAGRAM_BYTES);
        datagram.putInt(MAGIC).put(secret.isPresent() ? SIGNED : OPEN);
        if (secret.isPresent()) {
            datagram.putLong(clock.wallMs());
        }
        Fields.text(datagram, announcement.cluster());
        Fields.node(datagram, announcement.node());
        Fields.address(datagram, announcement.address());
        secret.ifPresent(each -> datagram.put(each.sign(datagram.duplicate().flip())));
        return datagram.flip();
    }

    /** An announcement as it was sent, and whether it is signed as it has to be, and in time. */
    record Decoded(Multicast.Announcement announcement, boolean proven) {}

    /** Reads a datagram; one of the secrets has to sign it, and nothing may if there is none. */
    Decoded decode(ByteBuffer datagram, List<Secret> secrets) throws ProtocolException {
        try {
            if (datagram.getInt() != MAGIC) {
                throw new ProtocolException("not an announcement");
            }
            boolean proven = proven(datagram, datagram.get(), secrets);
            String cluster = Fields.text(datagram);
            NodeId node = Fields.node(datagram);
            Address address = Fields.address(datagram);
            return new Decoded(new Multicast.Announcement(cluster, node, address), proven);
        } catch (BufferUnderflowException e) {
            throw new ProtocolException("an announcement that is cut off");
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("an announcement with a broken field: " + e.getMessage());
        }
    }

    /** Whether the announcement is signed as it has to be; reads up to its content. */
    private boolean proven(ByteBuffer datagram, byte version, List<Secret> secrets)
            throws ProtocolException {
        if (version != OPEN && version != SIGNED) {
            throw new ProtocolException("not an announcement of a known version");
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
