//! File names: every id has one, and it leads back.

use super::name::{decode, encode};

#[test]
fn every_id_has_a_name_of_its_own_that_leads_back() {
    let ids =
        ["", "a", "import-42", "../../etc/passwd", "a b", "%61", "ä/ß", "A", "a.workflow", "\0\n"];
    for id in ids {
        let name = encode(id);
        assert_eq!(decode(&name).as_deref(), Some(id));
        let plain = name.strip_suffix(".workflow").unwrap();
        assert!(plain.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_%".contains(&b)), "{name}");
    }
    assert_eq!(encode("../x"), "%2e%2e%2fx.workflow");
}

#[test]
fn other_files_are_no_workflows() {
    // The last two would be names of `a` and of `/`, which have others.
    for name in [
        "a",
        "a.workflow.rewrite",
        "%",
        "%6.workflow",
        "%zz.workflow",
        "%ff.workflow",
        "%61.workflow",
        "%2F.workflow",
    ] {
        assert_eq!(decode(name), None, "{name}");
    }
}
