package io.parallaxfleet.schemas.registry;

/** A record names a schema id that the registry does not know: the record is undecodable, the registry is fine. */
public final class UnknownSchemaException extends SchemaRegistryException {
    private static final long serialVersionUID = 1L;

    public UnknownSchemaException(int id) {
        super("the schema registry knows no schema with id " + id);
    }
}
