package bcast.storage.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Optional;
import java.util.Set;

/**
 * Distinguishes a file system that cannot sync directories, which reports EINVAL or EOPNOTSUPP,
 * from a disk that fails, for example with EIO. Java gives the system's message without the error
 * number, and in the language of the process. So both errors are provoked, where that is reliable
 * and harmless, and their messages are compared.
 */
final class NameSyncs {

    /** A device without storage: {@code fsync} of it fails with EINVAL. */
    private static final Path CANNOT_SYNC = Path.of("/dev/null");

    /** A file without extended attributes: reading one fails with EOPNOTSUPP. */
    private static final Path WITHOUT_ATTRIBUTES = Path.of("/proc/version");

    /** Compared as well, since a sandbox may have neither file. */
    private static final Set<String> ENGLISH =
            Set.of("Invalid argument", "Operation not supported");

    private NameSyncs() {}

    /** Whether a failed sync of a directory means that the file system does not support it. */
    static boolean unsupported(IOException failure) {
        Optional<String> message = Optional.ofNullable(failure.getMessage());
        return message.isPresent() && (ENGLISH.contains(message.get())
                || message.equals(cannotSync()) || message.equals(withoutAttributes()));
    }

    private static Optional<String> cannotSync() {
        try (FileChannel device = FileChannel.open(CANNOT_SYNC, StandardOpenOption.READ)) {
            device.force(true);
            return Optional.empty();
        } catch (FileSystemException e) {
            // It cannot be opened, for another reason.
            return Optional.empty();
        } catch (IOException e) {
            return Optional.ofNullable(e.getMessage());
        }
    }

    private static Optional<String> withoutAttributes() {
        UserDefinedFileAttributeView attributes = Files.getFileAttributeView(
                WITHOUT_ATTRIBUTES, UserDefinedFileAttributeView.class);
        if (attributes == null || !Files.isReadable(WITHOUT_ATTRIBUTES)) {
            return Optional.empty();
        }
        try {
            attributes.size("bcast");
            return Optional.empty();
        } catch (FileSystemException e) {
            // The JDK puts a prefix before it that ends in a colon.
            return Optional.ofNullable(e.getReason()).map(reason ->
                    reason.substring(reason.lastIndexOf(':') + 1).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
