package bcast.storage.journal;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Distinguishes a file system that cannot sync directories, which reports EINVAL or EOPNOTSUPP,
 * from a disk that fails, for example with EIO. Java gives the system's message without the error
 * number, and in the language of the process. So both errors are provoked once, where that is
 * reliable and harmless, and their messages are compared.
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
        return failure.getMessage() != null && Messages.LEARNED.contains(failure.getMessage());
    }

    /** Loaded at the first failure, so that a start on other file systems costs nothing. */
    private static final class Messages {
        static final Set<String> LEARNED = Stream.of(ENGLISH.stream(), cannotSync().stream(),
                withoutAttributes().stream()).flatMap(each -> each).collect(Collectors.toSet());
    }

    static Optional<String> cannotSync() {
        try {
            JournalFile.syncNames(CANNOT_SYNC);
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
