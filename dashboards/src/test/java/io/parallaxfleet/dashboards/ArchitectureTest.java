package io.parallaxfleet.dashboards;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Packages of the dashboard: who may know whom. */
@AnalyzeClasses(packages = "io.parallaxfleet", importOptions = {ImportOption.DoNotIncludeTests.class, ImportOption.DoNotIncludeJars.class})
class ArchitectureTest {
    private static final String ROOT = "io.parallaxfleet.dashboards";

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CYCLE = slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule OF_THE_PROJECT_ONLY_THE_CONTRACTS_ARE_KNOWN = classes()
            .that().resideInAPackage(ROOT + "..")
            .should().onlyDependOnClassesThat().resideInAnyPackage(ROOT + "..", "io.parallaxfleet.schemas..", "java..", "com.sun.net.httpserver..",
                    "com.fasterxml.jackson..", "org.apache.avro..", "org.apache.kafka..", "org.slf4j..", "picocli..");

    @ArchTest
    static final ArchRule THE_VIEW_KNOWS_NO_KAFKA_HTTP_OR_JSON = noClasses()
            .that().resideInAPackage(ROOT + ".view..")
            .should().dependOnClassesThat().resideInAnyPackage("org.apache.kafka..", "com.sun.net.httpserver..", "com.fasterxml.jackson..",
                    "java.net..", ROOT + ".http..", ROOT + ".source..");

    @ArchTest
    static final ArchRule ONLY_THE_SOURCE_KNOWS_KAFKA = noClasses()
            .that().resideOutsideOfPackage(ROOT + ".source..").and().resideInAPackage(ROOT + "..")
            .should().dependOnClassesThat().resideInAPackage("org.apache.kafka..");

    @ArchTest
    static final ArchRule THE_PAGE_AND_THE_SOURCE_DO_NOT_KNOW_EACH_OTHER = noClasses()
            .that().resideInAPackage(ROOT + ".http..")
            .should().dependOnClassesThat().resideInAPackage(ROOT + ".source..");
}
