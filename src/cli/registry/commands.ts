import type { Command } from '../command-spec.ts'

const common = `Common: --key DIR (key.pem, cert.pem; or ZHENGQIAO_KEY), --url URL (the gateway's public URL; or
ZHENGQIAO_URL), --connect URL when it is reached elsewhere, --trust DIR (else the data folder's trust/),
--json. Keys stay in files; every answer's receipt is checked.`

/** Onboarding: who may call, for whom, for what. */
export const registryCommands: readonly Command[] = [
  {
    name: 'org',
    summary: '机构 / organisations',
    usage: `zhengqiao org add ID --name NAME --uscc CODE --role ROLE... [--parent ID]
zhengqiao org list

${common}
  zhengqiao org add parks --name 园林局 --uscc 11370200MB2345678X --role D --role S --key admin-1`,
    load: async () => (await import('./org.ts')).orgCommand,
  },
  {
    name: 'client',
    summary: '接入系统与个人证书 / systems and persons that call',
    usage: `zhengqiao client add ID --org ORG --role ROLE... [--kind system|person]
                     [--operator ID --operator-name NAME]
zhengqiao client list [--org ORG]
zhengqiao client revoke ID --reason TEXT      (the client and all its certificates)

${common}
  zhengqiao client add parks-desk --org parks --role C --key admin-1 --url https://gateway.example`,
    load: async () => (await import('./client.ts')).clientCommand,
  },
  {
    name: 'operator',
    summary: '经办人 / people at the windows',
    usage: `zhengqiao operator add ID --client CLIENT --name NAME [--window WINDOW]
zhengqiao operator list [--client CLIENT]
zhengqiao operator revoke|resume ID --reason TEXT

${common}
  zhengqiao operator add parks-0001 --client parks-desk --name 某某 --key admin-1`,
    load: async () => (await import('./operator.ts')).operatorCommand,
  },
  {
    name: 'grant',
    summary: '授权:谁为哪个事项用哪类证照 / who uses which licences for what',
    usage: `zhengqiao grant add --client CLIENT --type TYPE --item ITEM --legal-basis TEXT
                    [--item-version N] [--field KEY]...
zhengqiao grant list [--client CLIENT]
zhengqiao grant approve GRANT                 (a steward of the issuing department)
zhengqiao grant revoke GRANT --reason TEXT    (either side)

${common}
  zhengqiao grant approve 0190b8f0-0000-7000-8000-000000000001 --key police-steward-1`,
    load: async () => (await import('./grant.ts')).grantCommand,
  },
  {
    name: 'cert',
    summary: '证书:客户端的,以及自建证书机构 / certificates of clients, and CAs of one’s own',
    usage: `zhengqiao cert request CLIENT --out DIR [--alg sm2|p256] [--days N]
                                                       key and request are made in DIR; sent with --key
zhengqiao cert request CLIENT --csr FILE [--days N]    sends a request that was made elsewhere
zhengqiao cert issue CLIENT REQUEST [--out FILE]       by a second person
zhengqiao cert renew [--days N]                        the own one of --key DIR, with a new key
zhengqiao cert revoke CLIENT CERTIFICATE --reason TEXT
zhengqiao cert show CLIENT|FILE                        days left, warned from 30, 7 and 1 on; or what the
                                                       certificate, request or CRL in FILE says

Without a gateway, a CA in a folder (key.pem 0600, cert.pem, chain.pem, crl.pem, revoked.json):
zhengqiao cert ca NAME --out DIR [--alg sm2|p256] [--org ORG] [--parent DIR] [--days N]
zhengqiao cert issue --ca DIR --csr FILE --uri URI [--purpose client|licence|attestation] [--days N]
                     [--out FILE]
zhengqiao cert crl --ca DIR [--revoke SERIAL|FILE]... [--reason keyCompromise|…] [--days N] [--out FILE]
Passphrases come from files, never from the command line: --passphrase-file FILE, and of a parent CA
--parent-passphrase-file FILE; keys are then written as encrypted PKCS #8.

${common}
  zhengqiao cert ca '某某 SM2 根' --out ./root --alg sm2
  zhengqiao cert ca '某某 SM2 签发' --out ./issuing --alg sm2 --parent ./root
  zhengqiao cert request parks-desk --out ./parks-desk > request.pem     (at the department)
  zhengqiao cert request parks-desk --csr request.pem --key admin-1      (at the gateway)
  zhengqiao cert issue parks-desk REQUEST --out cert.pem --key security-1`,
    load: async () => (await import('./cert.ts')).certCommand,
  },
]
