package io.parallaxfleet.quickstart;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Arrows run one way: quickstart -> {job, device-agent, dashboards} -> operators -> schemas. */
class ModuleBoundariesTest {
    private static final String SCHEMAS = "io.parallaxfleet.schemas..";
    private static final String OPERATORS = "io.parallaxfleet.operators..";
    private static final String JOB = "io.parallaxfleet.job..";
    private static final String DASHBOARDS = "io.parallaxfleet.dashboards..";
    private static final String QUICKSTART = "io.parallaxfleet.quickstart..";

    private final JavaClasses project = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.parallaxfleet");

    @Test
    void what_runs_on_a_device_knows_nothing_of_the_job_the_operators_or_the_dashboards() {
        noClasses().that().resideOutsideOfPackages(SCHEMAS, OPERATORS, JOB, DASHBOARDS, QUICKSTART)
                .should().dependOnClassesThat().resideInAnyPackage(OPERATORS, JOB, DASHBOARDS, QUICKSTART)
                .check(project);
    }

    @Test
    void what_runs_on_a_cluster_knows_nothing_of_the_device() {
        noClasses().that().resideInAnyPackage(OPERATORS, JOB, DASHBOARDS)
                .should().dependOnClassesThat(device())
                .check(project);
    }

    @Test
    void the_contracts_know_nobody() {
        noClasses().that().resideInAPackage(SCHEMAS)
                .should().dependOnClassesThat(device())
                .orShould().dependOnClassesThat().resideInAnyPackage(OPERATORS, JOB, DASHBOARDS, QUICKSTART)
                .check(project);
    }

    @Test
    void the_operators_know_no_job_and_no_dashboard() {
        noClasses().that().resideInAPackage(OPERATORS)
                .should().dependOnClassesThat().resideInAnyPackage(JOB, DASHBOARDS, QUICKSTART)
                .check(project);
    }

    @Test
    void job_and_dashboards_do_not_meet() {
        noClasses().that().resideInAPackage(JOB)
                .should().dependOnClassesThat().resideInAnyPackage(DASHBOARDS, QUICKSTART).check(project);
        noClasses().that().resideInAPackage(DASHBOARDS)
                .should().dependOnClassesThat().resideInAnyPackage(JOB, QUICKSTART).check(project);
    }

    /** The device's packages are all that no other module has. */
    private static DescribedPredicate<JavaClass> device() {
        return JavaClass.Predicates.resideInAPackage("io.parallaxfleet..")
                .and(JavaClass.Predicates.resideOutsideOfPackages(SCHEMAS, OPERATORS, JOB, DASHBOARDS, QUICKSTART));
    }
}
