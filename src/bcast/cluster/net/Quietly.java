package bcast.cluster.net;

import java.io.IOException;
import java.nio.channels.Channel;

/** Closes channels that nobody needs any more. */
public final class Quietly {

    private Quietly() {}

    /**
     * Closes a channel. A failure to close changes nothing for anybody.
     *
     * @param channel the channel
     */
    public static void close(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            assert !channel.isOpen() : "a channel is closed even if closing it fails";
        }
    }
}
