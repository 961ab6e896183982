package bcast.cluster.gossip;

import java.util.Optional;

/** What the state machine knows of one link. */
final class Link {

    final int number;
    final Optional<Address> dialled;
    final String remoteHost;
    final long openedMs;

    /** Set once both sides accepted each other's greeting. */
    Message.Hello hello;
    String peerName = "";
    Address peerAddress;

    long heardMs;
    long heartbeatDueMs;
    long lastEchoMs = -1;
    long lastEchoAtMs;
    long roundTripMs = -1;
    long clockOffsetMs;
    boolean clockKnown;
    long peerMeshHash;
    boolean peerFull;

    /** Records of this peer under judgement. */
    int judging;
    int faults;

    Link(int number, Optional<Address> dialled, String remoteHost, long nowMs) {
        this.number = number;
        this.dialled = dialled;
        this.remoteHost = remoteHost;
        this.openedMs = nowMs;
        this.heardMs = nowMs;
        this.heartbeatDueMs = nowMs;
    }

    boolean up() {
        return hello != null;
    }

    NodeId node() {
        return hello.node();
    }

    boolean loopback() {
        return new Address(remoteHost, 0).loopback();
    }

    @Override
    public String toString() {
        String where = dialled.map(Address::toString)
                .orElse(peerAddress == null ? remoteHost : peerAddress.toString());
        return hello == null ? where : node().brief() + " at " + where;
    }
}
