package io.parallaxfleet.schemas.registry;

/** A request the registry answers with an error, in Confluent's codes. */
final class RegistryRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final int errorCode;

    private RegistryRefusal(int status, int errorCode, String message) {
        super(message);
        this.status = status;
        this.errorCode = errorCode;
    }

    static RegistryRefusal noSuchSubject(String subject) {
        return new RegistryRefusal(404, 40401, "Subject '" + subject + "' not found.");
    }

    static RegistryRefusal noSuchVersion(String subject, int version) {
        return new RegistryRefusal(404, 40402, "Version " + version + " of subject '" + subject + "' not found.");
    }

    static RegistryRefusal noSuchSchema(String what) {
        return new RegistryRefusal(404, 40403, "Schema not found: " + what + ".");
    }

    static RegistryRefusal noSubjectLevel(String subject) {
        return new RegistryRefusal(404, 40408, "Subject '" + subject + "' does not have subject-level compatibility configured.");
    }

    static RegistryRefusal noSuchPath(String path) {
        return new RegistryRefusal(404, 404, "This registry does not serve '" + path + "'.");
    }

    static RegistryRefusal wrongMethod(String method, String path) {
        return new RegistryRefusal(405, 405, "'" + path + "' does not take " + method + ".");
    }

    static RegistryRefusal incompatible(String subject, String why) {
        return new RegistryRefusal(409, 409, "Schema being registered is incompatible with an earlier schema for subject '"
                + subject + "': " + why + ".");
    }

    static RegistryRefusal invalidSchema(String why) {
        return new RegistryRefusal(422, 42201, "Invalid schema: " + why + ".");
    }

    static RegistryRefusal invalidVersion(String version) {
        return new RegistryRefusal(422, 42202, "The specified version '" + version
                + "' is not a valid version id; it is a number from 1 on, or 'latest'.");
    }

    static RegistryRefusal invalidLevel(String level) {
        return new RegistryRefusal(422, 42203, "Invalid compatibility level '" + level + "'.");
    }

    static RegistryRefusal unreadableRequest(String why) {
        return new RegistryRefusal(400, 400, "The request cannot be read: " + why + ".");
    }

    static RegistryRefusal storeFailed(String why) {
        return new RegistryRefusal(500, 50001, "Error in the backend data store: " + why);
    }

    int status() {
        return status;
    }

    int errorCode() {
        return errorCode;
    }
}
