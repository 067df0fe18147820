//! Whom one can visit, ready to be searched with every key press.

use std::collections::BTreeMap;

use vestibule_protocol::{changes::DirectoryHost, id::HostId};

use crate::matching::Names;

/// The hosts who have not gone. Made when the directory changes, for it takes longer than a key press may.
#[derive(Debug)]
pub struct Directory {
    hosts: Vec<DirectoryHost>,
    names: Names,
}

impl Directory {
    /// Of all that the device knows.
    pub fn of(hosts: &BTreeMap<HostId, DirectoryHost>) -> Self {
        let hosts: Vec<_> = hosts.values().filter(|host| !host.gone).cloned().collect();
        let names = Names::of(hosts.iter().map(|host| match &host.department {
            Some(department) => format!("{} {department}", host.name),
            None => host.name.to_string(),
        }));
        Self { hosts, names }
    }

    /// Those who fit best what was typed, by name or department, best first.
    pub fn search(&self, typed: &str, most: usize) -> Vec<DirectoryHost> {
        self.names.best(typed, most).into_iter().map(|place| self.hosts[place].clone()).collect()
    }
}
